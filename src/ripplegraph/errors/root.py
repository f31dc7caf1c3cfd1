"""The root of the error tree, and what is wrong with the set-up."""

from __future__ import annotations


class RippleGraphError(Exception):
    """Root of every error that ripplegraph raises on purpose."""


class SettingsError(RippleGraphError):
    """An option or an environment variable is wrong."""

    def __init__(self, setting: str, reason: str, advice: str) -> None:
        super().__init__(setting, reason, advice)
        self.setting, self.reason, self.advice = setting, reason, advice

    def __str__(self) -> str:
        return f"{self.setting}: {self.reason}. {self.advice}"


class MissingExtraError(RippleGraphError):
    """A feature needs an extra that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)
        self.feature, self.extra = feature, extra

    def __str__(self) -> str:
        return (
            f"{self.feature} needs an extra. Install it: pip install 'ripplegraph[{self.extra}]'."
        )
