"""The put-right world's stand-ins, for gates that are assessed from end to end."""

from tests.acceptance.conftest import put_right_world

__all__ = ["put_right_world"]
