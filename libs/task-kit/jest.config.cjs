module.exports = {
  displayName: 'task-kit',
  preset: '../../jest.preset.js',
};
