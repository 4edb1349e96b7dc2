import { theme as antdTheme, type ThemeConfig } from 'antd'

export type ThemeName = 'light' | 'dark'

export function isThemeName(value: unknown): value is ThemeName {
  return value === 'light' || value === 'dark'
}

/** Every colour of the page: of antd's controls, of our styles (as --accent …), of the charts. */
const light = {
  /** Text and lines that stand out. */
  accent: '#0b6477',
  /** Surfaces that stand out. */
  'accent-soft': '#e4f0f2',
  /** Filled controls. */
  primary: '#0b6477',
  text: '#17222b',
  muted: '#4d5b66',
  placeholder: '#66737d',
  line: '#d9dfe4',
  'line-soft': '#e9edf0',
  border: '#c4ccd3',
  surface: '#ffffff',
  elevated: '#ffffff',
  ground: '#f3f5f7',
  hover: '#f3f7f8',
  track: '#edf0f3',
  thumb: '#ffffff',
  good: '#1c7043',
  bad: '#b3241b',
  'bad-soft': '#fdefee',
  warn: '#8a5300',
  'warn-soft': '#fdf5e6',
  shadow: '0 1px 2px rgb(16 32 44 / 6%)',
  'shadow-high': '0 6px 24px rgb(16 32 44 / 18%)',
  compute: '#2f5fc4',
  memory: '#c77700',
  communication: '#b0367f',
  overhead: '#6b7680',
  waiting: '#2b8a5b',
}
export type Colors = typeof light

const dark: Colors = {
  accent: '#63c6d8',
  'accent-soft': '#17343b',
  primary: '#278a9d',
  text: '#e3e8ec',
  muted: '#a9b4bd',
  placeholder: '#8b97a1',
  line: '#35414b',
  'line-soft': '#28323a',
  border: '#3a4751',
  surface: '#182027',
  elevated: '#1f2931',
  ground: '#10161b',
  hover: '#1d272f',
  track: '#0e1418',
  thumb: '#2a3741',
  good: '#62cd94',
  bad: '#ff8f88',
  'bad-soft': '#38201f',
  warn: '#f0b95c',
  'warn-soft': '#33290f',
  shadow: 'none',
  'shadow-high': '0 6px 24px rgb(0 0 0 / 55%)',
  compute: '#6f9bff',
  memory: '#f0b04a',
  communication: '#f07bbd',
  overhead: '#98a4ae',
  waiting: '#5cc795',
}

export const colorsOf: Readonly<Record<ThemeName, Colors>> = { light, dark }

/** Gives the document the colours of a theme, as variables of its style sheets. */
export function paint(name: ThemeName, { style }: HTMLElement = document.documentElement): void {
  style.colorScheme = name
  for (const [color, value] of Object.entries(colorsOf[name])) {
    style.setProperty(`--${color}`, value)
  }
}

/** One accent (a deep teal), small radii, dense controls. */
export function antdThemeOf(name: ThemeName): ThemeConfig {
  const color = colorsOf[name]
  return {
    algorithm: name === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      // The style sheets' own, so that there is one.
      fontFamily: 'var(--font)',
      fontSize: 13,
      borderRadius: 5,
      controlHeight: 32,
      colorPrimary: color.primary,
      colorInfo: color.primary,
      colorLink: color.accent,
      colorText: color.text,
      colorTextSecondary: color.muted,
      colorTextDescription: color.muted,
      colorTextPlaceholder: color.placeholder,
      colorError: color.bad,
      colorBgContainer: color.surface,
      colorBgElevated: color.elevated,
      colorBorder: color.border,
      colorBorderSecondary: color['line-soft'],
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Form: { itemMarginBottom: 12, verticalLabelPadding: '0 0 3px' },
      Button: { primaryShadow: 'none', defaultShadow: 'none' },
      // What a disabled choice stands at is still read.
      Select: { colorTextDisabled: color.muted },
      Segmented: {
        itemSelectedColor: color.accent,
        itemSelectedBg: color.thumb,
        trackBg: color.track,
      },
      Table: {
        cellFontSizeSM: 12.5,
        cellPaddingBlockSM: 6,
        cellPaddingInlineSM: 7,
        headerBg: color.surface,
        headerColor: color.muted,
        headerSortActiveBg: color.surface,
        headerSortHoverBg: color.hover,
        bodySortBg: color.surface,
        headerSplitColor: 'transparent',
        rowHoverBg: color.hover,
        rowSelectedBg: color['accent-soft'],
        rowSelectedHoverBg: color['accent-soft'],
      },
    },
  }
}
