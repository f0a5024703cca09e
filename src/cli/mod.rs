//! The command: one file per subcommand, arguments to settings, exit codes, progress.
