"""The partners of the demo. Each is a program of its own and speaks only SFTP and HTTP, X12, EDIFACT and JSON."""
