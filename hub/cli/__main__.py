"""`python -m hub.cli`: the commands where the script `hub` is not on the path."""

from hub.cli import main

main()
