import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  MinusCircleOutlined,
  SyncOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { TaskState } from '@/api/types'
import './StatusLabel.css'

const icons: Record<TaskState, ReactNode> = {
  pending: <ClockCircleOutlined />,
  running: <SyncOutlined spin />,
  completed: <CheckCircleFilled />,
  failed: <CloseCircleFilled />,
  cancelled: <MinusCircleOutlined />,
}

/** A task's status by sign, word and colour. */
export function StatusLabel(props: { status: TaskState }) {
  const { t } = useTranslation()
  return (
    <span className={`status status-${props.status}`}>
      <span aria-hidden="true">{icons[props.status]}</span>
      {t(`task.status_${props.status}`)}
    </span>
  )
}
