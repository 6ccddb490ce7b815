"""The portal: pages and an HTTP API for everybody who looks at data, over the same calls as the commands."""
