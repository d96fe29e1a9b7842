"""Runs the migrations on the connection that `engine` hands over."""

from alembic import context

from warehouse.ledger.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transactional_ddl=True
)
context.run_migrations()
