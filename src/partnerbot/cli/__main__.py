"""`python -m partnerbot.cli`, where the command `partnerbot` is not on the path."""

from partnerbot.cli import main

main()
