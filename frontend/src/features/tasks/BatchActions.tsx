import { Link } from '@tanstack/react-router'
import { Button, Flex, Popconfirm, Space } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BatchAction, TaskSummary } from '@/api/types'
import { assertNever } from '@/assertNever'
import { isFinished } from '@/events/liveTasks'
import { useFormats } from '@/i18n/useFormats'
import { PriorityInput } from './PriorityInput'
import { useRemoval } from './useRemoval'
import { useBatch } from './useTaskActions'

/** So many plans the service compares at once. */
const mostCompared = 50

/** Whether the service would do this with a task in that state. */
export function applies(action: BatchAction, { status }: Pick<TaskSummary, 'status'>): boolean {
  switch (action) {
    case 'cancel':
    case 'set_priority':
      return !isFinished(status)
    case 'retry':
      return status === 'failed' || status === 'cancelled'
    case 'delete':
      return true
    default:
      return assertNever(action)
  }
}

function NewPriority(props: { disabled: boolean; onPriority: (priority: number) => void }) {
  const { t } = useTranslation()
  const [priority, setPriority] = useState(0)
  return (
    <Space.Compact>
      <PriorityInput
        value={priority}
        onChange={(typed) => setPriority(typed ?? 0)}
        onPressEnter={() => props.onPriority(priority)}
        aria-label={t('batch.newPriority')}
      />
      <Button size="small" disabled={props.disabled} onClick={() => props.onPriority(priority)}>
        {t('batch.setPriority')}
      </Button>
    </Space.Compact>
  )
}

interface BatchActionsProps {
  tasks: readonly TaskSummary[]
  onClear: () => void
  /** How many the filter leaves; undefined where they are selected, or not all that is shown is. */
  matching: number | undefined
  onAll: () => void
  /** All of them are on their way. */
  waiting: boolean
}

/** What can be done with the tasks selected; an action skips those it does not apply to. */
export function BatchActions(props: BatchActionsProps) {
  const { tasks, onClear, matching, onAll, waiting } = props
  const { integer } = useFormats()
  const { t } = useTranslation()
  const batch = useBatch(onClear)
  const removal = useRemoval()
  const idsFor = (action: BatchAction) =>
    tasks.filter((task) => applies(action, task)).map(({ task_id }) => task_id)
  const act = (action: BatchAction, priority?: number) =>
    batch.mutate({
      action,
      task_ids: idsFor(action),
      ...(priority === undefined ? {} : { priority }),
    })
  const cannot = (action: BatchAction) => batch.isPending || idsFor(action).length === 0
  const completed = tasks.filter(({ status }) => status === 'completed')
  return (
    <Flex
      component="section"
      className="batch-actions"
      wrap
      align="center"
      gap="6px 12px"
      aria-label={t('batch.actions')}
    >
      <strong aria-live="polite">{t('batch.selected', { count: tasks.length })}</strong>
      {matching !== undefined && (
        <Button size="small" type="link" loading={waiting} onClick={onAll}>
          {t('batch.selectMatching', { total: integer(matching) })}
        </Button>
      )}
      <Button size="small" disabled={cannot('cancel')} onClick={() => act('cancel')}>
        {t('task.cancel')}
      </Button>
      <Button size="small" disabled={cannot('retry')} onClick={() => act('retry')}>
        {t('batch.retry')}
      </Button>
      <NewPriority
        disabled={cannot('set_priority')}
        onPriority={(priority) => act('set_priority', priority)}
      />
      <Popconfirm
        title={t('batch.deleteQuestion', { count: tasks.length })}
        description={t('task.deleteConsequence')}
        okText={t('task.delete')}
        okButtonProps={{ danger: true }}
        cancelText={t('task.keep')}
        onConfirm={() => {
          removal.mutate(idsFor('delete'))
          onClear()
        }}
      >
        <Button size="small" danger disabled={cannot('delete')}>
          {t('task.delete')}
        </Button>
      </Popconfirm>
      {completed.length >= 2 && completed.length <= mostCompared && (
        <Link to="/compare" search={{ plans: completed.map(({ task_id }) => `${task_id}:1`) }}>
          {t('compare.open')}
        </Link>
      )}
      <Button size="small" type="text" onClick={onClear}>
        {t('batch.clear')}
      </Button>
    </Flex>
  )
}
