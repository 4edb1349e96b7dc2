import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { withFieldNames } from './fieldErrors'

/** What is wrong with a question that can't be previewed; nothing where previews are off. */
export function useWhyNot() {
  const { t } = useTranslation()
  return (error: Error): string | undefined => {
    if (!(error instanceof ApiError)) return error.message
    const { code, message } = error
    if (code === 'conflict' || code === 'queue_full') return undefined
    if (/evaluations, more than/.test(message)) return t('question.tooLarge')
    return code === 'invalid_input'
      ? t('question.notUnderstood', { reason: withFieldNames(message, t('ask.price')) })
      : message
  }
}
