import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  MinusCircleOutlined,
  SyncOutlined,
} from '@ant-design/icons'
import { Flex } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { TaskState } from '@/api/types'

const icons: Record<TaskState, ReactNode> = {
  pending: <ClockCircleOutlined />,
  running: <SyncOutlined spin />,
  completed: <CheckCircleFilled />,
  failed: <CloseCircleFilled />,
  cancelled: <MinusCircleOutlined />,
}

export const statusColors: Record<TaskState, string> = {
  pending: 'var(--muted)',
  running: 'var(--accent)',
  completed: 'var(--good)',
  failed: 'var(--bad)',
  cancelled: 'var(--muted)',
}

/** A task's status by sign, word and colour. */
export function StatusLabel({ status }: { status: TaskState }) {
  const { t } = useTranslation()
  return (
    <Flex component="span" gap={5} style={{ color: statusColors[status], whiteSpace: 'nowrap' }}>
      <span aria-hidden="true">{icons[status]}</span>
      {t(`task.status_${status}`)}
    </Flex>
  )
}
