import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormInstance } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '@/api/client'
import { keys } from '@/api/queries'
import { submitEvaluation } from '@/api/tasks'
import type { FieldProblem } from '@/api/types'
import { useNotices } from '@/components/Notices'
import { type LiveTasks, newTask, withSubmitted } from '@/events/liveTasks'
import { type FieldPath, sortProblems, withFieldNames } from './fieldErrors'
import { type FormValues, submitRequest } from './formValues'

export interface Refusal {
  readonly message: string
  /** How many controls show what is wrong with them. */
  readonly placed: number
  /** What no control stands for. */
  readonly unplaced: readonly FieldProblem[]
}

/** Submits the form; a refusal goes to the fields it names, the rest of it is returned. */
export function useSubmitEvaluation(
  form: FormInstance<FormValues>,
  reveal: (paths: readonly FieldPath[]) => Promise<void>,
) {
  const message = useNotices()
  const { t } = useTranslation()
  const client = useQueryClient()
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  const showAtFields = async (error: ApiError, values: FormValues) => {
    const { placed, unplaced } = sortProblems(error.fields, values)
    const first = placed[0]
    // Only what is on the screen can show what is wrong with it.
    await reveal(placed.map(({ path }) => path))
    form.setFields(
      placed.map(({ path, messages }) => ({
        name: [...path] as never,
        errors: messages.map((message) => withFieldNames(message, t('ask.price'))),
      })),
    )
    if (first !== undefined) form.scrollToField([...first.path], { focus: true })
    return { placed: placed.length, unplaced }
  }

  const submit = useMutation({
    mutationFn: (values: FormValues) => submitEvaluation(submitRequest(values)),
    onMutate: () => setRefusal(null),
    onSuccess: (answer, values) => {
      const submitted = {
        ...newTask,
        task_id: answer.task_id,
        experiment_name: submitRequest(values).experiment_name,
        status: 'pending' as const,
        progress: 0,
        message: answer.message,
        created_at: new Date().toISOString(),
        started_at: null,
        priority: values.priority ?? 0,
      }
      client.setQueryData<LiveTasks>(keys.live, (tasks = []) => withSubmitted(tasks, submitted))
      void client.invalidateQueries({ queryKey: keys.tasks })
      void client.invalidateQueries({ queryKey: keys.experiments })
      message.success(t('notice.submitted'))
    },
    onError: async (error, values) => {
      message.error(t('notice.submitFailed'))
      const shown =
        error instanceof ApiError ? await showAtFields(error, values) : { placed: 0, unplaced: [] }
      setRefusal({ message: error.message, ...shown })
    },
  })
  const forgetRefusal = () => setRefusal(null)
  return { submit, refusal, forgetRefusal }
}
