"""The tables experiments, evaluation_tasks and evaluation_results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_config", sa.JSON(), nullable=True),
        sa.Column("hardware_config", sa.JSON(), nullable=True),
        sa.Column("inference_config", sa.JSON(), nullable=True),
        sa.Column("total_tasks", sa.Integer(), nullable=False),
        sa.Column("completed_tasks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
        sa.UniqueConstraint("name", name=op.f("uq_experiments_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "evaluation_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_mode", sa.String(length=16), nullable=False),
        sa.Column("manual_parallelism", sa.JSON(), nullable=True),
        sa.Column("search_constraints", sa.JSON(), nullable=True),
        sa.Column("search_stats", sa.JSON(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "search_mode IN ('manual', 'auto')", name=op.f("ck_evaluation_tasks_search_mode")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_evaluation_tasks_status"),
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["experiments.id"],
            name=op.f("fk_evaluation_tasks_experiment_id_experiments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_tasks")),
        sa.UniqueConstraint("task_id", name=op.f("uq_evaluation_tasks_task_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("evaluation_tasks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_evaluation_tasks_experiment_id_id"),
            ["experiment_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_evaluation_tasks_status_id"), ["status", "id"], unique=False
        )

    op.create_table(
        "evaluation_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("dp", sa.Integer(), nullable=False),
        sa.Column("tp", sa.Integer(), nullable=False),
        sa.Column("pp", sa.Integer(), nullable=False),
        sa.Column("ep", sa.Integer(), nullable=False),
        sa.Column("sp", sa.Integer(), nullable=False),
        sa.Column("moe_tp", sa.Integer(), nullable=False),
        sa.Column("chips", sa.Integer(), nullable=False),
        sa.Column("throughput", sa.Double(), nullable=True),
        sa.Column("tps_per_chip", sa.Double(), nullable=True),
        sa.Column("ttft", sa.Double(), nullable=True),
        sa.Column("tpot", sa.Double(), nullable=True),
        sa.Column("mfu", sa.Double(), nullable=True),
        sa.Column("mbu", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("is_feasible", sa.Boolean(), nullable=False),
        sa.Column("infeasible_reason", sa.Text(), nullable=True),
        sa.Column("full_result", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["evaluation_tasks.id"],
            name=op.f("fk_evaluation_results_task_id_evaluation_tasks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_results")),
        sa.UniqueConstraint(
            "task_id",
            "dp",
            "tp",
            "pp",
            "ep",
            "sp",
            "moe_tp",
            name=op.f("uq_evaluation_results_task_id_dp_tp_pp_ep_sp_moe_tp"),
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("evaluation_results")
    with op.batch_alter_table("evaluation_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_tasks_status_id"))
        batch_op.drop_index(batch_op.f("ix_evaluation_tasks_experiment_id_id"))

    op.drop_table("evaluation_tasks")
    op.drop_table("experiments")
