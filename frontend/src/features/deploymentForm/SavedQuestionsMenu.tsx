import { DeleteOutlined, DownOutlined } from '@ant-design/icons'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Popover, Space } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deleteQuestion, questionsQuery, saveQuestion } from '@/api/questions'
import { useNotices } from '@/components/Notices'
import { valuesAsked } from './asked'
import { submitRequest } from './formValues'
import type { Kept, SavedQuestionsProps } from './SavedQuestions'
import './SavedQuestions.css'

function useActions(onSaved: (question: Kept) => void) {
  const { t } = useTranslation()
  const notices = useNotices()
  const client = useQueryClient()
  const shared = {
    onError: (error: Error) => notices.error(error.message, 6),
    onSettled: () => client.invalidateQueries({ queryKey: questionsQuery.queryKey }),
  }
  const save = useMutation({
    mutationFn: ({ name, values }: Kept) => saveQuestion({ name, request: submitRequest(values) }),
    ...shared,
    onSuccess: ({ name }, { values }) => {
      notices.success(t('question.saved', { name }))
      onSaved({ name, values })
    },
  })
  const remove = useMutation({ mutationFn: deleteQuestion, ...shared })
  return { save, remove }
}

function Content({ current, onChoose }: SavedQuestionsProps) {
  const { t } = useTranslation()
  const { data: questions = [], isSuccess } = useQuery(questionsQuery)
  const { save, remove } = useActions(onChoose)
  const [name, setName] = useState('')
  const wanted = name.trim()
  const replaces = questions.some((question) => question.name === wanted)
  const keep = () => {
    if (wanted === '') return
    save.mutate({ name: wanted, values: current() }, { onSuccess: () => setName('') })
  }
  return (
    <div className="saved-questions">
      {isSuccess && questions.length === 0 && <p className="muted">{t('question.noneSaved')}</p>}
      <ul aria-label={t('question.savedQuestions')}>
        {questions.map(({ id, name, request }) => (
          <li key={id}>
            <Button
              type="text"
              onClick={() =>
                onChoose({
                  name,
                  values: valuesAsked({ request, experiment_name: '', presets: {} }),
                })
              }
            >
              {name}
            </Button>
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('question.deleteSaved', { name })}
              title={t('question.deleteSaved', { name })}
              onClick={() => remove.mutate(id)}
            />
          </li>
        ))}
      </ul>
      <Space.Compact block>
        <Input
          value={name}
          maxLength={200}
          placeholder={t('question.saveName')}
          aria-label={t('question.saveName')}
          onChange={({ target }) => setName(target.value)}
          onPressEnter={(event) => {
            // The form around it would run the question.
            event.preventDefault()
            keep()
          }}
        />
        <Button disabled={wanted === ''} loading={save.isPending} onClick={keep}>
          {replaces ? t('question.replaceSaved') : t('question.save')}
        </Button>
      </Space.Compact>
    </div>
  )
}

/** The button with the list it opens; fetched with the first click, and open then. */
export function SavedQuestionsMenu({ current, onChoose }: SavedQuestionsProps) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(true)
  const choose = (question: Kept) => {
    setOpen(false)
    onChoose(question)
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={<Content current={current} onChoose={choose} />}
    >
      <Button
        type="text"
        autoFocus
        icon={<DownOutlined />}
        iconPlacement="end"
        aria-expanded={open}
      >
        {t('question.savedQuestions')}
      </Button>
    </Popover>
  )
}
