import { MoonOutlined, SunOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { ThemeName } from '@/theme'

export function ThemeSwitch(props: { theme: ThemeName; onChange: (theme: ThemeName) => void }) {
  const { t } = useTranslation()
  const other = props.theme === 'light' ? 'dark' : 'light'
  return (
    <Button
      type="text"
      size="small"
      aria-label={t(`app.${other}Theme`)}
      title={t(`app.${other}Theme`)}
      icon={other === 'dark' ? <MoonOutlined /> : <SunOutlined />}
      onClick={() => props.onChange(other)}
    />
  )
}
