import { DownOutlined, UpOutlined, VerticalAlignTopOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { QueuedTask, TaskSummary } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { placeBefore } from './lanes'
import { useMove } from './useMove'
import { useTaskText } from './useTaskText'

/** A running task in its slot: how far, how long still, and its best so far. */
function Slot({ task }: { task: TaskSummary | undefined }) {
  const { t } = useTranslation()
  const { percent, duration } = useFormats()
  const text = useTaskText()
  if (task === undefined) return <li className="lane-slot lane-free">{t('overview.free')}</li>
  const { best } = text(task)
  const name = task.experiment_name
  return (
    <li className="lane-slot">
      <Link to="/" search={{ task: task.task_id }} title={name}>
        {name}
      </Link>
      <progress
        max={100}
        value={task.progress}
        aria-label={t('task.progress', { name })}
        title={percent(Math.floor(task.progress) / 100)}
      />
      <span className="muted">
        {[
          percent(Math.floor(task.progress) / 100),
          task.seconds_left !== null &&
            t('live.left', { time: duration(task.seconds_left * 1000) }),
          best,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  )
}

interface WaitingProps {
  tasks: readonly QueuedTask[]
}

/** What waits, next first: dragged by its row, or moved by the arrows of its buttons. */
function Waiting({ tasks }: WaitingProps) {
  const { t } = useTranslation()
  const { soon, integer } = useFormats()
  const text = useTaskText()
  const move = useMove()
  const [dragged, setDragged] = useState<string>()
  const [over, setOver] = useState<string | null>()
  const said = useRef<HTMLParagraphElement>(null)

  const moveTo = (from: number, to: number) => {
    const task = tasks[from]
    if (task === undefined || to < 0 || to >= tasks.length || to === from) return
    move.mutate({ taskId: task.task_id, before: placeBefore(tasks, from, to) })
    if (said.current !== null) {
      said.current.textContent = t('overview.moved', {
        name: task.experiment_name,
        position: integer(to + 1),
      })
    }
  }
  const drop = (event: DragEvent, before: string | null) => {
    event.preventDefault()
    if (dragged !== undefined && dragged !== before) move.mutate({ taskId: dragged, before })
    setDragged(undefined)
    setOver(undefined)
  }
  const onKey = (event: KeyboardEvent, from: number) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!event.altKey || step === undefined) return
    event.preventDefault()
    moveTo(from, from + step)
  }
  const allow = (event: DragEvent, before: string | null) => {
    if (dragged === undefined) return
    event.preventDefault()
    setOver(before)
  }
  return (
    <>
      <ol className="lane-waiting" aria-label={t('overview.waitingLane')}>
        {tasks.map((task, place) => {
          const { task_id, experiment_name: name, estimated_start } = task
          const { chips, load } = text(task)
          return (
            <li
              key={task_id}
              data-task-id={task_id}
              draggable
              className={over === task_id ? 'lane-over' : undefined}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move'
                event.dataTransfer.setData('text/plain', task_id)
                setDragged(task_id)
              }}
              onDragEnd={() => {
                setDragged(undefined)
                setOver(undefined)
              }}
              onDragOver={(event) => allow(event, task_id)}
              onDrop={(event) => drop(event, task_id)}
              onKeyDown={(event) => onKey(event, place)}
            >
              <span className="lane-place">{integer(place + 1)}</span>
              <span className="lane-name">
                <Link to="/" search={{ task: task_id }} title={name}>
                  {name}
                </Link>
                <span className="muted">
                  {[task.model_name, chips, load].filter(Boolean).join(' · ')}
                </span>
              </span>
              {estimated_start !== null && (
                <span className="muted">{t('queue.starts', { time: soon(estimated_start) })}</span>
              )}
              <span className="lane-moves">
                <Button
                  size="small"
                  type="text"
                  icon={<VerticalAlignTopOutlined />}
                  disabled={place === 0}
                  aria-label={t('overview.first', { name })}
                  title={t('overview.firstHint')}
                  onClick={() => moveTo(place, 0)}
                />
                <Button
                  size="small"
                  type="text"
                  icon={<UpOutlined />}
                  disabled={place === 0}
                  aria-label={t('overview.earlier', { name })}
                  title={t('overview.earlierHint')}
                  onClick={() => moveTo(place, place - 1)}
                />
                <Button
                  size="small"
                  type="text"
                  icon={<DownOutlined />}
                  disabled={place === tasks.length - 1}
                  aria-label={t('overview.later', { name })}
                  title={t('overview.laterHint')}
                  onClick={() => moveTo(place, place + 1)}
                />
              </span>
            </li>
          )
        })}
        {dragged !== undefined && (
          <li
            className={over === null ? 'lane-end lane-over' : 'lane-end'}
            onDragOver={(event) => allow(event, null)}
            onDrop={(event) => drop(event, null)}
          >
            {t('overview.toTheEnd')}
          </li>
        )}
      </ol>
      <p ref={said} className="visually-hidden" aria-live="assertive" />
    </>
  )
}

interface QueueLanesProps extends WaitingProps {
  running: readonly TaskSummary[]
  /** How many run at once at most. */
  slots: number
  total: number
}

/** Running tasks in their slots, beneath them those that wait, in the order in which they start. */
export function QueueLanes({ running, slots, tasks, total }: QueueLanesProps) {
  const { t } = useTranslation()
  const free = Math.max(slots - running.length, 0)
  const places = [...running, ...Array<undefined>(free).fill(undefined)]
  return (
    <>
      <ul className="lane-running" aria-label={t('overview.runningLane')}>
        {places.map((task, place) => (
          <Slot key={task?.task_id ?? `free-${place}`} task={task} />
        ))}
      </ul>
      {tasks.length === 0 ? (
        <p className="hint">{t('overview.noneWaiting')}</p>
      ) : (
        <>
          {tasks.length > 1 && <p className="hint">{t('overview.dragHint')}</p>}
          <Waiting tasks={tasks} />
          {total > tasks.length && (
            <p className="hint">{t('task.moreWaiting', { count: total - tasks.length })}</p>
          )}
        </>
      )}
    </>
  )
}
