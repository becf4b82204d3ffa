"""The subcommands of `kerbwatch models`, one file each. Heavy imports wait for the command."""
