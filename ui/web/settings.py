"""Settings of the web page, section "web"."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the page listens and whom it asks; each address is "host:port".

    `root_path` is where a reverse proxy shows the page, "/photos". Without a `password` everybody
    who reaches the address is let in.
    """

    address: str = "127.0.0.1:7860"
    gateway: str = "127.0.0.1:50050"
    root_path: str = ""
    user: str = "semapix"
    password: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Name or number of the interface to listen on."""
        return self.address.rpartition(":")[0]

    @property
    def port(self) -> int:
        """Port to listen on. Raises ValueError, naming the setting, if it is not a number."""
        number = self.address.rpartition(":")[2]
        if not number.isdigit():
            raise ValueError(f'web.address = {self.address!r} is not "host:port"')
        return int(number)
