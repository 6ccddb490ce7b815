"""The world that dbt's templates expect: context, macros, relations, adapter."""
