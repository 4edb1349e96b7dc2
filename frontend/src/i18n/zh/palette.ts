export const palette = {
  title: '命令面板',
  search: '页面、模型、芯片、问题或任务',
  pages: '页面',
  actions: '操作',
  newQuestion: '新问题',
  models: '以此模型提问',
  chips: '以此芯片提问',
  tasks: '最近结果',
  findTasks: '在全部任务中搜索“{{text}}”',
}

export const keys = {
  title: '键盘快捷键',
  hint: '在输入框中这些按键照常输入；只有命令面板处处可以打开。',
  palette: '命令面板',
  new: '新问题',
  search: '搜索本页，否则搜索任务历史',
  row: '历史中的下一个、上一个任务',
  open: '打开 j、k 所到的任务',
  move: '在概览中移动排队的任务',
  close: '关闭页面上方的浮层',
  list: '显示本列表',
}
