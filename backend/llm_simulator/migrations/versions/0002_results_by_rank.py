"""One result per task and rank: disaggregated deployments may share their decode pool's plan.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BY_PLAN = "uq_evaluation_results_task_id_dp_tp_pp_ep_sp_moe_tp"
BY_RANK = "uq_evaluation_results_task_id_rank"


def upgrade() -> None:
    """Infeasible plans have no rank, and nothing is equal to it."""
    with op.batch_alter_table("evaluation_results", schema=None) as batch_op:
        batch_op.drop_constraint(BY_PLAN, type_="unique")
        batch_op.create_unique_constraint(BY_RANK, ["task_id", "rank"])


def downgrade() -> None:
    """Raises where a task has two deployments with the same plan of the decode pool."""
    with op.batch_alter_table("evaluation_results", schema=None) as batch_op:
        batch_op.drop_constraint(BY_RANK, type_="unique")
        batch_op.create_unique_constraint(
            BY_PLAN, ["task_id", "dp", "tp", "pp", "ep", "sp", "moe_tp"]
        )
