import { DeleteOutlined, EditOutlined } from '@ant-design/icons'
import { Button, Flex, Input, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ExperimentDetail } from '@/api/types'
import { Notes } from './Notes'
import { PinButton } from './PinButton'
import { useExperimentActions } from './useExperimentActions'
import './experiments.css'

interface RenamedProps {
  name: string
  onName: (name: string) => void
}

/** The name, and a field in its place while it is changed. */
function Name({ name, onName }: RenamedProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState<string>()
  if (typed === undefined) {
    return (
      <>
        <h1>{name}</h1>
        <Button
          type="text"
          size="small"
          icon={<EditOutlined />}
          aria-label={t('experiments.rename')}
          title={t('experiments.rename')}
          onClick={() => setTyped(name)}
        />
      </>
    )
  }
  const done = () => {
    const wanted = typed.trim()
    if (wanted !== '' && wanted !== name) onName(wanted)
    setTyped(undefined)
  }
  return (
    <Input
      autoFocus
      className="experiment-name"
      maxLength={200}
      aria-label={t('experiment.name')}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onPressEnter={done}
      onBlur={done}
      onKeyDown={({ key }) => key === 'Escape' && setTyped(undefined)}
    />
  )
}

/** What an experiment is called, marked with and remembered for; each can be changed in place. */
export function ExperimentHeading(props: { experiment: ExperimentDetail; onLeave: () => void }) {
  const { t } = useTranslation()
  const { change, remove } = useExperimentActions()
  const { id, name, description, tags } = props.experiment
  return (
    <header className="page-header experiment-heading">
      <Flex align="center" gap={6} wrap>
        <Name name={name} onName={(wanted) => change.mutate({ id, name: wanted })} />
        <PinButton experiment={props.experiment} />
        <Popconfirm
          title={t('experiments.deleteQuestion')}
          description={t('experiments.deleteConsequence', {
            count: props.experiment.total_tasks,
          })}
          okText={t('task.delete')}
          okButtonProps={{ danger: true }}
          cancelText={t('task.keep')}
          onConfirm={() => {
            // Left first: nothing asks again for what is being deleted.
            props.onLeave()
            remove.mutate(id)
          }}
        >
          <Button
            type="text"
            size="small"
            danger
            icon={<DeleteOutlined />}
            aria-label={t('experiments.delete')}
            title={t('experiments.delete')}
          />
        </Popconfirm>
        <Select
          mode="tags"
          className="experiment-tags"
          aria-label={t('experiments.tags')}
          placeholder={t('experiments.addTags')}
          tokenSeparators={[',', '，']}
          open={false}
          suffixIcon={null}
          value={tags}
          onChange={(wanted: string[]) => change.mutate({ id, tags: wanted })}
        />
      </Flex>
      <Notes
        key={id}
        text={description ?? ''}
        onSave={(text) => change.mutate({ id, description: text })}
      />
    </header>
  )
}
