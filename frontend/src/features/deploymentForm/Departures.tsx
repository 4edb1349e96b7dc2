import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { departures } from './departures'
import type { FormValues } from './formValues'
import type { Kept } from './SavedQuestions'
import { useSentence } from './useSentence'

interface DeparturesProps {
  values: FormValues
  saved: Kept
  onRestore: () => void
}

/** What the question has other than the saved one that it began as. */
export function Departures({ values, saved, onRestore }: DeparturesProps) {
  const { t } = useTranslation()
  const [now, then] = [useSentence(values), useSentence(saved.values)]
  const changed = departures(values, saved.values)
  if (changed.length === 0) {
    return <p className="departures">{t('question.asSaved', { name: saved.name })}</p>
  }
  return (
    <p className="departures">
      <span>{t('question.departs', { name: saved.name })}</span>
      {changed.map((part) => (
        <span key={part}>
          {t(`question.part_${part}`)}
          {now[part] !== then[part] && (
            <>
              {' '}
              <del>{then[part]}</del>
            </>
          )}
        </span>
      ))}
      <Button type="link" size="small" onClick={onRestore}>
        {t('question.restoreSaved')}
      </Button>
    </p>
  )
}
