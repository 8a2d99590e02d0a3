"""The AWS of a world: S3, Secrets Manager, IAM, STS and CloudTrail on one loopback address.

Behind it is moto, which holds the buckets. It drops NewerNoncurrentVersions and sizes inside a lifecycle's And, refuses
no bucket to the wrong owner, has no CloudTrail history, gives 404 where Secrets Manager gives 400, lets nobody set when
a version or a key was made, and checks no signature. So those answers are our own, in the vendor's notation, each held
against the vendor's own description of it in the tests; all else is moto's.
"""

from collectors.sandbox.aws.front import Aws

__all__ = ["Aws"]
