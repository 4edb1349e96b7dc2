import { Form, Input, Modal } from 'antd'
import { useTranslation } from 'react-i18next'
import { acceptToken, declineToken, tokenState } from '@/api/token'

/** Asks for the token that the service has refused a request for want of. */
export function TokenDialog() {
  const { t } = useTranslation()
  const [form] = Form.useForm<{ token: string }>()
  const { refused } = tokenState()
  return (
    <Modal
      open
      width={420}
      title={t('token.title')}
      okText={t('token.use')}
      onOk={form.submit}
      cancelText={t('token.later')}
      onCancel={declineToken}
    >
      <Form form={form} layout="vertical" onFinish={({ token }) => acceptToken(token.trim())}>
        <p>{t('token.text')}</p>
        {refused && <p role="alert">{t('token.refused')}</p>}
        <Form.Item
          name="token"
          label={t('token.label')}
          extra={t('token.kept')}
          rules={[{ required: true, pattern: /^\s*[\x21-\x7e]+\s*$/, message: t('form.required') }]}
          validateTrigger={[]}
        >
          <Input type="password" autoFocus autoComplete="off" spellCheck={false} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
