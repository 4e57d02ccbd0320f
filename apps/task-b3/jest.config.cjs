module.exports = {
  displayName: 'task-b3',
  preset: '../../jest.preset.js',
};
