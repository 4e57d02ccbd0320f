module.exports = {
  displayName: 'task-a',
  preset: '../../jest.preset.js',
};
