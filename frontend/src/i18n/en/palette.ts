/** The command palette. */
export const palette = {
  title: 'Command palette',
  search: 'Page, model, chip, question or task',
  pages: 'Pages',
  actions: 'Actions',
  newQuestion: 'New question',
  models: 'Ask about a model',
  chips: 'Ask about chips',
  tasks: 'Recent results',
  findTasks: 'Search all tasks for “{{text}}”',
} as const

/** The keys that are commands. */
export const keys = {
  title: 'Keyboard shortcuts',
  hint: 'In a field these keys type as usual; only the palette opens from everywhere.',
  palette: 'Command palette',
  new: 'New question',
  search: 'Search the page, or else the task history',
  row: 'Next and previous task of the history',
  open: 'Open the task that j and k led to',
  move: 'Move a waiting task in the overview',
  close: 'Close what lies over the page',
  list: 'This list',
} as const
