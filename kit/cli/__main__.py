"""`python -m kit.cli` is `minzheng`."""

from kit.cli.app import main

main()
