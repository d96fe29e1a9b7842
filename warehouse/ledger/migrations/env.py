"""Runs the migrations on the connection that `engine` hands over."""

from alembic import context

from warehouse.ledger import models, models_sources  # noqa: F401 - fill Base
from warehouse.ledger.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transactional_ddl=True
)
context.run_migrations()
