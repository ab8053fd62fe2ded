"""`python -m candela_server.cli`, the same as `candela`."""

from candela_server.cli import main

main()
