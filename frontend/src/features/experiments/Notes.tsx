import { Button, Flex, Input } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

const Markdown = lazy(() => import('react-markdown'))

interface NotesProps {
  text: string
  onSave: (text: string) => void
}

/** What somebody wrote about an experiment, in Markdown; "Edit" turns it into the text itself. */
export function Notes({ text, onSave }: NotesProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState<string>()
  if (typed !== undefined) {
    const done = (save: boolean) => {
      if (save && typed !== text) onSave(typed)
      setTyped(undefined)
    }
    return (
      <div className="notes">
        <Input.TextArea
          autoFocus
          autoSize={{ minRows: 4, maxRows: 20 }}
          aria-label={t('experiments.notes')}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={({ key, ctrlKey, metaKey }) => {
            if (key === 'Escape') done(false)
            if (key === 'Enter' && (ctrlKey || metaKey)) done(true)
          }}
        />
        <Flex gap={8} align="center">
          <Button size="small" type="primary" onClick={() => done(true)}>
            {t('experiments.save')}
          </Button>
          <Button size="small" onClick={() => done(false)}>
            {t('experiments.dismiss')}
          </Button>
          <span className="hint">{t('experiments.markdown')}</span>
        </Flex>
      </div>
    )
  }
  return (
    <div className="notes">
      {text !== '' && (
        <Suspense fallback={<p>{text}</p>}>
          {/* The page's own headings come above. */}
          <Markdown components={{ h1: 'h3', h2: 'h4', h3: 'h5' }}>{text}</Markdown>
        </Suspense>
      )}
      <Button size="small" type="link" onClick={() => setTyped(text)}>
        {t(text === '' ? 'experiments.addNotes' : 'experiments.editNotes')}
      </Button>
    </div>
  )
}
