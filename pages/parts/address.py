"""Where this server's own routes begin in the browser."""

from streamlit import config


def base_path() -> str:
    """The path below which the dashboard is served, for example "/team"; "" for the root."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
