export { type TaskHistoryItem, TaskHistoryTable } from '@/features/tasks/TaskHistoryTable'
