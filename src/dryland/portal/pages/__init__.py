"""The pages: one file per place in the portal; each reads values and fills a template."""
