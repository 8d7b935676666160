"""What the pages take from npm: pinned in `package-lock.json`, fetched by `build`."""
