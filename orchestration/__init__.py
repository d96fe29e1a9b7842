"""Runs the product: Dagster assets, checks, schedules, sensors, the `nhiemky` CLI.

Belongs here: everything that imports dagster, the order of the steps, exit codes, what
a person types and sees while it runs. Does not belong here: reading files (`sources`),
judging values (`expectations`), storing or publishing (`warehouse`), SQL of the star
schema (`dbt_project`). `steps/` holds plain functions over those four; assets wrap them
"""
