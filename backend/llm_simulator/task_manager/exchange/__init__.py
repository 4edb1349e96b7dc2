"""What leaves an installation and what comes back: tables to export, experiments to move."""
