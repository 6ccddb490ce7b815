"""Loads the SQLMesh project of this folder and does nothing with it: SQLMesh has no command for just that."""

from sqlmesh import Context

if __name__ == "__main__":
    assert len(Context(paths=["."]).models) > 1
