"""The AWS of a world: S3, Secrets Manager, IAM, STS and CloudTrail on one loopback address."""

from collectors.sandbox.aws.front import Aws

__all__ = ["Aws"]
