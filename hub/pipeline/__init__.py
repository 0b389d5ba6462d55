"""receive -> identify -> translate -> route -> write -> deliver; each stage one file, each commit one step."""
