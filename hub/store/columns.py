"""The one MetaData of all tables, and columns that many of them have."""

from sqlalchemy import Column, ForeignKey, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def ref_column(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[str]:
    """index False: a unique constraint begins with it, and that is an index."""
    return Column(name, String(36), ForeignKey(target), nullable=nullable, index=index)


def envelope_columns() -> list[Column[str]]:
    """Whose it is: partner (its folder's name), account, connection ("partner/name"), environment; empty is unknown."""
    return [
        Column(name, String(200), nullable=False, default="")
        for name in ("partner", "account", "connection", "environment")
    ]
