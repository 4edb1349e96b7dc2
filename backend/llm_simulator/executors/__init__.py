"""Where chunks of work run: this machine's processes, or a Dask cluster; chosen by URL."""
