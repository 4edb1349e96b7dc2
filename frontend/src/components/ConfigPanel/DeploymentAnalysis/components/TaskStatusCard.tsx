export { type TaskStatus, TaskStatusCard } from '@/features/tasks/TaskStatusCard'
