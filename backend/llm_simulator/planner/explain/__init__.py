"""Why a plan is as fast as it is: operators, messages, schedules, places, memory, limits."""
