"""settings: what is wrong refuses to start and names the setting."""
import pytest

from mizan import settings


def test_origins_stand_between_spaces() -> None:
    text = " https://shop.example  http://localhost:5173 tauri://localhost https://[::1]:8443 "
    assert settings.read({"MIZAN_ORIGINS": text}).origins == frozenset(text.split())


@pytest.mark.parametrize("environment", [{}, {"MIZAN_ORIGINS": ""}, {"MIZAN_ORIGINS": "  "}])
def test_no_origins_is_a_setting_too(environment: dict[str, str]) -> None:
    assert settings.read(environment).origins == frozenset()


@pytest.mark.parametrize("origin", [
    "*", "null", "shop.example", "https://shop.example/", "https://shop.example/x", "HTTPS://shop.example", "https://Shop.example",
    "https://shop.example:443", "http://shop.example:80", "https://shop.example:0", "https://shop.example:65536", "https://a@shop.example",
    "https://", "https://shop.example,https://other.example", "https://*.example", "https://zoë.example", "https://shop.example:",
])
def test_what_no_browser_sends_refuses_to_start(origin: str) -> None:
    with pytest.raises(settings.BadSetting, match="MIZAN_ORIGINS"):
        settings.read({"MIZAN_ORIGINS": f"https://good.example {origin}"})
