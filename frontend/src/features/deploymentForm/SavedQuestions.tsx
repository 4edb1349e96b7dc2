import { DownOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FormValues } from './formValues'

const SavedQuestionsMenu = lazy(async () => ({
  default: (await import('./SavedQuestionsMenu')).SavedQuestionsMenu,
}))

/** A question as it was saved. */
export interface Kept {
  readonly name: string
  readonly values: FormValues
}

export interface SavedQuestionsProps {
  /** The question as it stands. */
  current: () => FormValues
  onChoose: (question: Kept) => void
}

/** The questions that are kept on the server: ask one again, or keep this one. */
export function SavedQuestions(props: SavedQuestionsProps) {
  const { t } = useTranslation()
  const [wanted, setWanted] = useState(false)
  const button = (
    <Button
      type="text"
      icon={<DownOutlined />}
      iconPlacement="end"
      aria-expanded={wanted}
      onClick={() => setWanted(true)}
    >
      {t('question.savedQuestions')}
    </Button>
  )
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <SavedQuestionsMenu {...props} />
    </Suspense>
  )
}
