import { theme as antdTheme, type ThemeConfig } from 'antd'

export type ThemeName = 'light' | 'dark'

export function isThemeName(value: unknown): value is ThemeName {
  return value === 'light' || value === 'dark'
}

const fontFamily =
  "Inter, 'Segoe UI', system-ui, -apple-system, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

/** One accent (a deep teal), small radii, dense controls; the rest of the look is in styles.css. */
export function antdThemeOf(name: ThemeName): ThemeConfig {
  const dark = name === 'dark'
  return {
    algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      fontFamily,
      fontSize: 13,
      borderRadius: 5,
      controlHeight: 32,
      colorPrimary: dark ? '#278a9d' : '#0b6477',
      colorInfo: dark ? '#278a9d' : '#0b6477',
      colorLink: dark ? '#63c6d8' : '#0b6477',
      colorText: dark ? '#e3e8ec' : '#17222b',
      colorTextSecondary: dark ? '#a9b4bd' : '#4d5b66',
      colorTextPlaceholder: dark ? '#8b97a1' : '#66737d',
      colorError: dark ? '#ff7875' : '#c0271d',
      colorBgContainer: dark ? '#182027' : '#ffffff',
      colorBgElevated: dark ? '#1f2931' : '#ffffff',
      colorBorder: dark ? '#3a4751' : '#c4ccd3',
      wireframe: false,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Form: { itemMarginBottom: 12, verticalLabelPadding: '0 0 3px' },
      Button: { primaryShadow: 'none', defaultShadow: 'none' },
      Segmented: dark
        ? { itemSelectedColor: '#7fd3e2', trackBg: '#0e1418', itemSelectedBg: '#2a3741' }
        : { itemSelectedColor: '#0b6477', trackBg: '#edf0f3' },
    },
  }
}
